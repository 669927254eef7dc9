"""bash and zsh complete commands, options and values: all that there are, and
none that there is not.
"""

from __future__ import annotations

import re
import subprocess

from harness.paths import BIN, TREE
from harness.shells import COMPLETIONS, Zsh, bash, typed_in_bash
from harness.site import Site

PROGRAMS = {"policyd": "_policyd", "transport-map-gen": "_transport-map-gen"}
COMMANDS = ["build", "check", "contacts", "explain", "graph", "list"]
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
        *(f"transport-map-gen {command} " for command in COMMANDS),
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
    "policyd --log ": {"syslog", "stderr"},
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
}
# Keys, and what they make.
TYPED = {
    "policyd ver\t--verdict acc\t\b,rel\t--color=al\tmail.log.\t": "verdicts "
    "--verdict accept,relay --color=always mail.log.1",
    "policyd --listen un\tmail.log.\t--met\tin\t1": "--listen unix:mail.log.1 "
    "--metrics inet:127.0.0.1:1",
    "transport-map-gen cont\t--form\tld\t": "contacts --format ldif",
}


def write_files(site: Site) -> None:
    for name in ("mail.log", "mail.log.1", "report.html"):
        (site.root / name).touch()
    (site.root / "journal").mkdir()
    (site.root / "namespace.conf").write_text(CONF)


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
    words = program.split()
    done = subprocess.run(
        [BIN / words[0], *words[1:], "--help"], capture_output=True, text=True
    )
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


def refused(option: str) -> set[str]:
    """What a list takes, by the sentence that refuses anything else."""
    done = subprocess.run(
        [BIN / "policyd", "verdicts", option, "x-no-such"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 64, done
    words = done.stderr.split("there are")[1].split("\n")[0]
    return set(re.split(r", | and |\s", words)) - {""}


def test_every_value_of_a_list(site: Site) -> None:
    values = {}
    for option in ("--verdict", "--reason", "--count-by"):
        line = f"policyd verdicts {option} "
        values[line] = refused(option)
    expect_both(site, "policyd", values)


def test_every_command(site: Site) -> None:
    """All commands of the compiler's --help."""
    done = subprocess.run(
        [BIN / "transport-map-gen", "--help"], capture_output=True, text=True
    )
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
