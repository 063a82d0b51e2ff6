import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from commandline.base import Mistake
from devices.models import Device
from devices.registry import Registry, Speaker


def issue_token(*args: str) -> str:
    out = StringIO()
    call_command("issue_token", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_device_is_made_with_its_token() -> None:
    printed = issue_token("device", "north:1")
    assert printed.count("\n") == 1
    assert Registry().speaker(printed.strip()) == Speaker(kind="device", name="north:1")


@pytest.mark.django_db
@pytest.mark.parametrize(("options", "registers"), [((), False), (("--register",), True)])
def test_a_gateway_may_register(options: tuple[str, ...], registers: bool) -> None:
    speaker = Registry().speaker(issue_token("gateway", "gw", *options).strip())
    assert speaker == Speaker(kind="gateway", name="gw", registers=registers)


@pytest.mark.django_db
def test_a_person_gets_a_token() -> None:
    person = User.objects.create_superuser("ada")
    speaker = Registry().speaker(issue_token("user", "ada").strip())
    assert speaker is not None
    assert speaker.user_id == person.pk


@pytest.mark.django_db
def test_a_third_token_is_a_mistake() -> None:
    issue_token("device", "a")
    issue_token("device", "a")
    with pytest.raises(Mistake, match="two valid tokens"):
        issue_token("device", "a")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["device", "a/b"], "'a/b' names no device"),
        (["device", "a\n"], "names no device"),
        (["device", ""], "names no device"),
        (["gateway", "x" * 51], "1 to 50"),
        (["gateway", ""], "1 to 50"),
        (["user", "ghost"], "There is no person 'ghost'"),
        (["device", "a", "--register"], "--register is for gateways"),
        (["robot", "a"], "invalid choice: 'robot'"),
        (["device"], "required: name"),
    ],
)
def test_a_mistake_is_named(args: list[str], says: str) -> None:
    with pytest.raises(Mistake, match=says) as mistake:
        issue_token(*args)
    assert mistake.value.returncode == 2
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("args", "says"),
    [(["robot", "a"], "invalid choice: 'robot'"), (["device", "a"], "run `python manage.py migrate`")],
)
def test_the_shell_sees_one_sentence_and_status_two(args: list[str], says: str, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, root / "manage.py", "issue_token", *args],
        capture_output=True,
        text=True,
        env={"IOT_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
