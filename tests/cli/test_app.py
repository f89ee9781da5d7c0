"""The application imports what the command asked for needs, and no other command."""

import subprocess
import sys

from attnclf.cli.app import COMMANDS, Commands


def test_commands_are_all_there() -> None:
    commands = Commands()
    assert list(commands) == list(COMMANDS)
    assert [commands[name].name for name in COMMANDS] == list(COMMANDS)
    assert commands.get("tran") is None


def test_a_command_imports_no_other_command() -> None:
    code = "import sys; from attnclf.cli.app import Commands; Commands()['predict']; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "attnclf.cli.predict" in loaded
    assert not {f"attnclf.cli.{name}" for name in COMMANDS if name != "predict"} & set(loaded)
