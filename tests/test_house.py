"""The house around the code: commands, locks, settings and container files say the same as the code."""

import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.settings import PREFIX, SECRETS, Settings

ROOT = Path(__file__).resolve().parents[1]
VARIABLES = {PREFIX + field.upper() for field in Settings.model_fields}
TARGETS = ("install", "run", "demo", "test", "check", "bench", "lock")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def named(requirement: str) -> str:
    """The normal form of a requirement's name: `PyYAML>=6` is `pyyaml`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", text(name), flags=re.MULTILINE))


def project() -> Any:
    return tomllib.loads(text("pyproject.toml"))["project"]


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(target: str) -> None:
    ran = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


def test_the_locks_cover_what_the_project_asks_for() -> None:
    runtime = {named(requirement) for requirement in project()["dependencies"]}
    dev = {named(requirement) for requirement in project()["optional-dependencies"]["dev"]}
    build = {named(r) for r in tomllib.loads(text("pyproject.toml"))["build-system"]["requires"]} | {"editables"}

    assert runtime <= locked("requirements.lock").keys()
    assert runtime | dev <= locked("requirements-dev.lock").keys()
    assert build <= locked("requirements-build.lock").keys()


def test_the_locks_agree_on_every_version() -> None:
    dev = locked("requirements-dev.lock")

    for name in ("requirements.lock", "requirements-build.lock"):
        differing = {p: (v, dev[p]) for p, v in locked(name).items() if p in dev and dev[p] != v}
        assert not differing, name
    assert locked("requirements.lock").keys() <= dev.keys()


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text(name), flags=re.MULTILINE)[1:]

    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text(name)


def test_the_example_environment_lists_exactly_the_settings() -> None:
    listed = re.findall(r"^# (THERAWATCH_[A-Z_]+)=", text(".env.example"), flags=re.MULTILINE)

    assert sorted(listed) == sorted(VARIABLES)


def test_the_example_environment_shows_the_defaults() -> None:
    shown = dict(re.findall(r"^# (THERAWATCH_[A-Z_]+)=(.*)$", text(".env.example"), flags=re.MULTILINE))
    plain = Settings()

    for field in ("database_url", "mail_from", "base_url", "contact", "allow_private", "pace_seconds", "lease_seconds"):
        read = Settings.from_environ({PREFIX + field.upper(): shown[PREFIX + field.upper()]})
        assert getattr(read, field) == getattr(plain, field), field


def test_every_value_of_the_example_environment_is_accepted() -> None:
    shown = dict(re.findall(r"^# (THERAWATCH_[A-Z_]+)=(.*)$", text(".env.example"), flags=re.MULTILINE))

    Settings.from_environ(shown)


def test_the_example_environment_marks_the_secrets() -> None:
    paragraphs = text(".env.example").split("\n\n")
    marked = {
        name
        for paragraph in paragraphs
        if paragraph.startswith("# * ")
        for name in re.findall(r"^# (THERAWATCH_[A-Z_]+)=", paragraph, flags=re.MULTILINE)
    }

    assert marked == {PREFIX + secret.upper() for secret in SECRETS}


def test_the_compose_file_parses_and_names_known_settings() -> None:
    compose = yaml.safe_load(text("docker-compose.yml"))
    service = compose["services"]["therawatch"]
    mentioned = set(re.findall(r"THERAWATCH_[A-Z_]+", text("docker-compose.yml")))

    assert mentioned <= VARIABLES
    assert service["volumes"] == ["data:/data"]
    assert compose["volumes"].keys() == {"data"}
    assert "profiles" not in service, "the service starts without a profile"
    assert compose["services"]["mail"]["profiles"] == ["dev"]


def test_the_image_runs_as_nobody_in_particular_from_the_locks() -> None:
    steps = text("Dockerfile")

    assert set(re.findall(r"THERAWATCH_[A-Z_]+", steps)) <= VARIABLES
    assert re.search(r"^USER (?!root)\w+$", steps, flags=re.MULTILINE)
    assert re.findall(r"^VOLUME (\S+)$", steps, flags=re.MULTILINE) == ["/data"]
    assert "/healthz" in steps[steps.index("HEALTHCHECK") :]
    installs = [line for line in steps.splitlines() if "pip install" in line]
    assert all("--require-hashes" in line or "--no-index" in line for line in installs), installs


def test_the_image_gets_every_file_it_copies() -> None:
    let_in = set(re.findall(r"^!(\S+)$", text(".dockerignore"), flags=re.MULTILINE))
    copied = {
        name
        for arguments in re.findall(r"^COPY (?!--from)(.+) \S+$", text("Dockerfile"), flags=re.MULTILINE)
        for name in arguments.split()
    }

    assert copied <= let_in
    packages = set(tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages <= copied


def test_the_integration_script_can_be_run() -> None:
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")


def test_the_licence_is_the_one_the_project_names() -> None:
    assert project()["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text("LICENSE")
