import { Argument, Command, type Option } from "commander";
import { print } from "../io/output.js";

const shells = ["bash", "zsh", "fish"] as const;

const examples = `
Examples:
  $ source <(agent-auth completion bash)
  $ agent-auth completion zsh > ~/.zfunc/_agent-auth
  $ agent-auth completion fish > ~/.config/fish/completions/agent-auth.fish`;

/** `agent-auth completion`: what a shell needs to complete the commands and their options. */
export function completionCommand(program: () => Command): Command {
  return new Command("completion")
    .description("Print a completion script for a shell.")
    .addArgument(new Argument("<shell>").choices(shells))
    .addHelpText("after", examples)
    .action((shell: (typeof shells)[number]) => print(scripts[shell](wordsOf(program()))));
}

/** The words that may follow `agent-auth` and each of its commands. */
interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly words: readonly string[];
}

function wordsOf(program: Command): readonly CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: [...command.commands.map((inner) => inner.name()), ...command.options.flatMap(flagOf)],
  }));
}

function flagOf({ long }: Option): string[] {
  return long === undefined || long === null ? [] : [long];
}

const scripts: Readonly<Record<(typeof shells)[number], (commands: readonly CommandWords[]) => string>> = {
  bash: (commands) => `_agent_auth() {
  local words
  case "\${COMP_WORDS[1]}" in
${commands.map(({ name, words }) => `    ${name}) words="${words.join(" ")}" ;;`).join("\n")}
    *) words="${names(commands)}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${names(commands)}"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _agent_auth agent-auth`,
  zsh: (commands) => `#compdef agent-auth
_agent_auth() {
  if (( CURRENT == 2 )); then
    compadd ${names(commands)}
    return
  fi
  case "$words[2]" in
${commands.map(({ name, words }) => `    ${name}) compadd -- ${words.join(" ")} ;;`).join("\n")}
  esac
  _files
}
_agent_auth "$@"`,
  fish: (commands) =>
    commands
      .flatMap(({ name, description, words }) => [
        `complete -c agent-auth -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
        ...words.map((word) =>
          word.startsWith("--")
            ? `complete -c agent-auth -n "__fish_seen_subcommand_from ${name}" -l ${word.slice(2)}`
            : `complete -c agent-auth -n "__fish_seen_subcommand_from ${name}" -f -a ${word}`,
        ),
      ])
      .join("\n"),
};

function names(commands: readonly CommandWords[]): string {
  return commands.map(({ name }) => name).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
