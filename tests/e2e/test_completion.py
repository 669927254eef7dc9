"""bash and zsh complete commands, options and values: all that there are, and
none that there is not.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from harness.paths import BIN, TREE
from harness.shells import COMPLETIONS, Zsh, bash, typed_in_bash
from harness.site import Site

PROGRAMS = {"policyd": "_policyd", "transport-map-gen": "_transport-map-gen"}
COMMANDS = [
    "build",
    "check",
    "contacts",
    "diff",
    "doctor",
    "explain",
    "graph",
    "init",
    "list",
    "release",
    "replay",
    "rollback",
]
# Options that have a meaning beside another one.
BESIDE = {"build": ["", "--dry-run "], "doctor": ["", "--dns "]}
# Lines behind which all options of a program are offered, in turns.
PLACES = {
    "policyd": ["policyd "],
    "policyd verdicts": [
        "policyd verdicts ",
        "policyd verdicts --count-by domain ",
        "policyd verdicts --html page.html ",
    ],
    "transport-map-gen": [
        "transport-map-gen ",
        *(
            f"transport-map-gen {command} {beside}"
            for command in COMMANDS
            for beside in BESIDE.get(command, [""])
        ),
    ],
}
OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
CONF = """
accepted-domain "#company.example" { type = authoritative }
  accepted-domain "$(touch owned)" { type = authoritative }
connector "exchange" { smart-hosts = { "10.8.0.25" } }
connector "unix" { smart-hosts = { "10.8.1.25" } }
directory "staff" { type = file path = "staff.txt" }
"""

DAEMON = {
    "policyd ": {"verdicts"},
    "policyd -s /x v": set(),
    "policyd --log ": {"syslog", "stderr", "none"},
    "policyd --log=st": {"--log=stderr"},
    "policyd --listen ": {"unix:", "inet:"},
    "policyd --listen unix:/nowhere-": set(),
    "policyd --metrics in": {"inet:127.0.0.1:"},
    "policyd --metrics=": {"--metrics=unix:", "--metrics=inet:127.0.0.1:"},
    "policyd --user roo": {"root"},
    "policyd ver": {"verdicts"},
    "policyd -s verdicts --l": {"--listen", "--log"},
}
VERDICTS = {
    "--verdict re": {"reject", "relay"},
    "--verdict=accept,re": {"--verdict=accept,reject", "--verdict=accept,relay"},
    "--verdict=relay,re": {"--verdict=relay,reject"},
    "--reason un": {"unlisted", "unknown"},
    "--count-by domain,v": {"domain,verdict"},
    "--count-by da": {"day"},
    "--color ": {"auto", "always", "never"},
    "--color=al": {"--color=always"},
    "--since yes": {"yesterday"},
    "--recipient verdict": set(),
    "--html re": {"report.html"},
    "--html=re": {"--html=report.html"},
    "--journal=jo": {"--journal=journal"},
    "--to": set(),
    "--count-by reason --to": {"--top"},
    "--html x --sta": {"--state"},
    "--html x -s jo": {"journal"},
    "ma": {"mail.log", "mail.log.1"},
    "mail.log mail.log.": {"mail.log.1"},
    "-f ma": {"mail.log", "mail.log.1"},
    "-- ma": {"mail.log", "mail.log.1"},
}
COMPILER = {
    "transport-map-gen ": set(COMMANDS),
    "transport-map-gen -q c": {"check", "contacts"},
    "transport-map-gen r": {"release", "replay", "rollback"},
    "transport-map-gen -q --accept-shrink list di": {"diff"},
    "transport-map-gen -c check -s list c": {"check", "contacts"},
    "transport-map-gen check c": set(),
    "transport-map-gen graph --s": {"--state", "--svg"},
    "transport-map-gen list --s": {"--state"},
    "transport-map-gen explain --c": {"--config", "--candidate", "--client"},
    "transport-map-gen contacts --format ": {"text", "csv", "ldif"},
    "transport-map-gen contacts --format=l": {"--format=ldif"},
    "transport-map-gen build --textfile re": {"report.html"},
    "transport-map-gen -c na": {"namespace.conf"},
    "transport-map-gen -c namespace.conf contacts --for ": {"exchange", "unix"},
    "transport-map-gen --config=namespace.conf contacts --for=e": {"--for=exchange"},
    "transport-map-gen -c namespace.conf --accept-shrink ": {"staff"},
    "transport-map-gen -c nowhere.conf --accept-shrink ": set(),
    "transport-map-gen build --js": set(),
    "transport-map-gen --dry-run --js": {"--json"},
    "transport-map-gen build --dry-run --l": {"--limit"},
    "transport-map-gen doctor --res": set(),
    "transport-map-gen doctor --dns --res": {"--resolver"},
    "transport-map-gen -s state diff ": {"8", "9", "10", "candidate", "current"},
    "transport-map-gen -s state diff 1": {"10"},
    "transport-map-gen -s state diff 8 c": {"candidate", "current"},
    "transport-map-gen -s state diff 8 9 1": set(),
    "transport-map-gen --state=state rollback ": {"8", "9", "10"},
    "transport-map-gen rollback -s state 9 1": set(),
    "transport-map-gen -s nowhere rollback 1": set(),
    "transport-map-gen -s state replay --against=": {
        "--against=8",
        "--against=9",
        "--against=10",
        "--against=candidate",
        "--against=current",
    },
    "transport-map-gen replay ma": {"mail.log", "mail.log.1"},
    "transport-map-gen replay --since yes": {"yesterday"},
    "transport-map-gen replay --journal=jo": {"--journal=journal"},
}
# Keys, and what they make.
TYPED = {
    "policyd ver\t--verdict acc\t\b,rel\t--color=al\tmail.log.\t": "verdicts "
    "--verdict accept,relay --color=always mail.log.1",
    "policyd --listen un\tmail.log.\t--met\tin\t1": "--listen unix:mail.log.1 "
    "--metrics inet:127.0.0.1:1",
    "transport-map-gen cont\t--form\tld\t": "contacts --format ldif",
    "transport-map-gen -s sta\t dif\t1\tcan\t": "-s state/ diff 10 candidate",
    "transport-map-gen rep\t--ag\tcur\t--journal=jo\t": "replay --against "
    "current --journal=journal/",
}


def write_files(site: Site) -> None:
    for name in ("mail.log", "mail.log.1", "report.html"):
        (site.root / name).touch()
    (site.root / "journal").mkdir()
    for number in ("8", "9", "10", "new.1234"):
        (site.root / "state/generations" / number).mkdir(parents=True)
    (site.root / "namespace.conf").write_text(CONF)


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BIN / arguments[0], *arguments[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
    )


def expect_both(site: Site, program: str, expected: dict[str, set[str]]) -> None:
    write_files(site)
    by_bash = bash(program, list(expected), site.root)
    with Zsh(site.root) as zsh:
        for line, words in expected.items():
            assert by_bash[line] == words, (line, by_bash[line])
            offered = zsh.offers(line)
            assert offered == words, (line, offered)


def options_of(program: str) -> set[str]:
    """As its --help has them."""
    done = run(*program.split(), "--help")
    assert done.returncode == 0, done
    return set(OPTION.findall(done.stdout))


def options_offered(program: str, zsh: Zsh) -> tuple[set[str], set[str]]:
    lines = [f"{place}{dash}" for place in PLACES[program] for dash in ("-", "--")]
    by_bash = bash(program.split()[0], lines, zsh.folder)
    all_bash = set().union(*by_bash.values())
    all_zsh = set().union(*(zsh.offers(line) for line in lines))
    return {word.rstrip("=") for word in all_bash}, all_zsh


def test_every_option_and_no_other(site: Site) -> None:
    with Zsh(site.root) as zsh:
        for program in PLACES:
            there = options_of(program)
            assert len(there) > 8, there
            by_bash, by_zsh = options_offered(program, zsh)
            assert by_bash == there, (program, by_bash ^ there)
            assert by_zsh == there, (program, by_zsh ^ there)


def test_every_option_is_in_its_manual(site: Site) -> None:
    for program in PLACES:
        (manual,) = (TREE / "man").glob(f"{program.replace(' ', '-')}.[18]")
        shown = re.findall(r"\bFl (-?[A-Za-z][\w-]*)", manual.read_text())
        options = {f"-{option}" for option in shown}
        missing = {o for o in options_of(program) if o not in options}
        assert not missing, (program, missing)


def test_the_daemon(site: Site) -> None:
    expect_both(site, "policyd", DAEMON)


def test_verdicts(site: Site) -> None:
    expected = {f"policyd verdicts {line}": w for line, w in VERDICTS.items()}
    expect_both(site, "policyd", expected)


def test_the_compiler(site: Site) -> None:
    expect_both(site, "transport-map-gen", COMPILER)
    assert not (site.root / "owned").exists()


def words_of(sentence: str) -> set[str]:
    """Of "a, b and c"."""
    return set(re.split(r", | and |\s", sentence)) - {""}


def refused(*asked: str) -> set[str]:
    """What a list takes, by the sentence that refuses anything else."""
    done = run(*asked, "x-no-such")
    assert done.returncode == 64, done
    return words_of(re.split("there are:?", done.stderr)[1].split("\n")[0])


def commands_taking(option: str, folder: Path) -> set[str]:
    """By the sentence that refuses the option where it has no meaning."""
    sound = {"--format": "text", "--journal": "", "--year": "2026"}
    value = sound.get(option, "1")
    name = f"{option}={value}" if option.startswith("--") and value else option
    done = run("transport-map-gen", "release", "-s", "nowhere", name, folder=folder)
    if "takes no value" in done.stderr:
        done = run("transport-map-gen", "release", option, folder=folder)
    _, is_refused, words = done.stderr.partition(" is for ")
    if not is_refused:
        return set(COMMANDS)
    assert done.returncode == 64, done
    return words_of(words.removesuffix(" alone\n"))


def lines_of(command: str) -> list[str]:
    return [
        f"transport-map-gen {command} {beside}{dash}"
        for beside in BESIDE.get(command, [""])
        for dash in ("-", "--")
    ]


def test_every_value_of_a_list(site: Site) -> None:
    values = {}
    for option in ("--verdict", "--reason", "--count-by"):
        line = f"policyd verdicts {option} "
        values[line] = refused("policyd", "verdicts", option)
    expect_both(site, "policyd", values)


def test_every_option_behind_its_commands(site: Site) -> None:
    """And behind no other; the program itself says which they are."""
    # Those by which all are run here, and with which nothing is.
    general = {"-c", "--config", "-s", "--state", "-h", "--help", "-V", "--version"}
    expected: dict[str, set[str]] = {command: set(general) for command in COMMANDS}
    for option in options_of("transport-map-gen") - general:
        for command in commands_taking(option, site.root):
            expected[command].add(option)
    assert "--svg" not in expected["list"], expected
    lines = [line for command in COMMANDS for line in lines_of(command)]
    by_bash = bash("transport-map-gen", lines, site.root)
    with Zsh(site.root) as zsh:
        for command, options in expected.items():
            words = set().union(*(by_bash[line] for line in lines_of(command)))
            offered = {word.rstrip("=") for word in words}
            assert offered == options, (command, offered ^ options)
            offered = set().union(*(zsh.offers(line) for line in lines_of(command)))
            assert offered == options, (command, offered ^ options)


def test_every_check_of_the_doctor(site: Site) -> None:
    checks = refused("transport-map-gen", "doctor", "--skip")
    assert len(checks) > 8, checks
    lines = {"transport-map-gen doctor --skip ": checks}
    expect_both(site, "transport-map-gen", lines)


def test_every_command(site: Site) -> None:
    """All commands of the compiler's --help."""
    done = run("transport-map-gen", "--help")
    listed = done.stdout.split("commands:\n")[1].split("options:")[0]
    assert set(re.findall(r"^  (\w+)", listed, re.M)) == set(COMMANDS)


def test_they_parse(site: Site) -> None:
    for shell in ("bash", "zsh"):
        files = list((COMPLETIONS / shell).iterdir())
        assert len(files) == len(PROGRAMS)
        for file in files:
            done = subprocess.run([shell, "-n", file], capture_output=True, text=True)
            assert done.returncode == 0 and not done.stderr, done


def test_typed_at_a_terminal(site: Site) -> None:
    """bash with nothing loaded but the file; no package is needed."""
    write_files(site)
    for typed, whole in TYPED.items():
        program, _, keys = typed.partition(" ")
        line = typed_in_bash(program, keys, site.root)
        assert line.split() == whole.split(), (typed, line)
