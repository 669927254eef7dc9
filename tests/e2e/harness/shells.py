"""What bash and zsh offer behind a line that was typed, by the functions in
completions/.
"""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from contextlib import suppress
from pathlib import Path

from harness.paths import BIN, TREE, wait_until

COMPLETIONS = TREE / "completions"
# A function may ask the program that it completes.
ENVIRONMENT = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}

# As readline leaves a line to a function; without its own part the builtin
# compopt has nothing to set.
BASH = """
compopt() { :; }
. "$1"
while IFS= read -r -d '' count; do
    COMP_WORDS=()
    for ((i = 0; i < count; i++)); do
        IFS= read -r -d '' word
        COMP_WORDS+=("$word")
    done
    COMP_CWORD=$((count - 1))
    COMPREPLY=()
    "$2"
    printf '%s\\n' "${COMPREPLY[@]}"
    printf '\\0'
done
"""

# All that is offered goes to a file, and none of it into the line.
ZSH = r"""
PROMPT=
unsetopt beep auto_list
fpath=(%(functions)s $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' insert-tab no
bindkey -e
bindkey '^I' complete-word
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-[a-zA-Z]#(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a offered hidden
    builtin compadd -A offered "$@"
    zparseopts -E p:=hidden
    print -rl -- $IPREFIX$hidden[2]$^offered >>%(answer)s
    builtin compadd "$@"
}
ended() {
    compstate[insert]= compstate[list]=
    print -r -- ended >>%(answer)s
    comppostfuncs=(ended)
}
comppostfuncs=(ended)
print -r -- ended >>%(answer)s
"""


def split(line: str) -> list[str]:
    """The words of a line, its last one unfinished, as readline's."""
    words = []
    for word in line.split(" "):
        words += [p for p in re.split(r"([=:]+)", word) if p] or [""]
    return words


def bash(program: str, lines: list[str], folder: Path) -> dict[str, set[str]]:
    """What is offered behind each line, as whole words, for bash leaves the
    part before = and : to readline."""
    asked = ""
    for line in lines:
        words = split(line)
        asked += "".join(f"{word}\0" for word in [str(len(words)), *words])
    file = COMPLETIONS / "bash" / program
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", file, f"_{program.replace('-', '_')}"],
        input=asked,
        capture_output=True,
        text=True,
        cwd=folder,
        env=ENVIRONMENT,
        timeout=60,
    )
    assert done.returncode == 0 and done.stderr == "", done
    answers = done.stdout.split("\0")
    assert len(answers) == len(lines) + 1, done.stdout
    offered = {}
    for line, answer in zip(lines, answers, strict=False):
        begun = re.match(r"(.*[=:])?", line.rsplit(" ", 1)[-1])[0]
        offered[line] = {begun + word for word in answer.split("\n") if word}
    return offered


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command: list[str], folder: Path):
        self.folder = folder
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            cwd=folder,
            env=ENVIRONMENT | {"TERM": "vt100", "HOME": str(folder)},
        )
        os.close(theirs)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def wait_for(self, word: str, answer: Path) -> None:
        """Until there is that line in the file."""

        def is_there() -> bool:
            # A terminal that nobody reads stops who writes to it.
            while select.select([self._terminal], [], [], 0)[0]:
                with suppress(OSError):
                    os.read(self._terminal, 65536)
            return answer.exists() and word in answer.read_text().split("\n")

        wait_until(is_there, "the shell's answer")


class Zsh:
    """What zsh offers."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._answer = folder / ".offered"
        self._answer.write_text("")
        set_up = folder / ".set-up.zsh"
        set_up.write_text(
            ZSH % {"functions": COMPLETIONS / "zsh", "answer": self._answer}
        )
        self._terminal = Terminal(["zsh", "-f", "-i"], folder)
        self._terminal.type(f". {set_up}\n")

    def __enter__(self) -> Zsh:
        self._terminal.wait_for("ended", self._answer)
        return self

    def __exit__(self, *_: object) -> None:
        self._terminal.close()

    def offers(self, line: str) -> set[str]:
        self._answer.write_text("")
        self._terminal.type(f"{line}\t")
        self._terminal.wait_for("ended", self._answer)
        self._terminal.type("\x15")  # the line is taken back
        words = self._answer.read_text().split("\n")
        return {word for word in words if word not in ("", "ended")}


def typed_in_bash(program: str, keys: str, folder: Path) -> str:
    """The command line that comes of it, tabs completed."""
    answer = folder / ".typed"
    answer.unlink(missing_ok=True)
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], folder)
    try:
        terminal.type(
            f". {COMPLETIONS / 'bash' / program}; "
            f"{program}() {{ printf '%s\\nended\\n' \"$*\" >{answer}; }}\n"
        )
        terminal.type(f"{program} {keys}\n")
        terminal.wait_for("ended", answer)
    finally:
        terminal.close()
    return answer.read_text().split("\n")[0]
