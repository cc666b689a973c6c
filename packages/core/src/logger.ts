/** What the library needs of a logger; `console`, pino and winston all have it. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}
