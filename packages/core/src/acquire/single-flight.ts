/** Runs one operation per key at a time: who asks while it runs gets the same answer. */
export class SingleFlight<Result> {
  readonly #flights = new Map<string, Promise<Result>>();

  /** Whether an operation of this key is under way. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins the operation of this key, or starts it. */
  run(key: string, operation: () => Promise<Result>): Promise<Result> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight = operation().finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Lets nobody else join what is under way; who waits for it already still gets its answer. */
  abandon(): void {
    this.#flights.clear();
  }
}
