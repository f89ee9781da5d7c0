"""`doctor`: what is installed, and what works of it. It imports nothing that may be what is broken."""

from attnclf.cli.consoles import results_console
from attnclf.cli.options import AsJson
from attnclf.cli.output import open_output
from attnclf.cli.showing import show_json
from attnclf.errors import InstallationError
from attnclf.installation import examine
from attnclf.render.installed import table
from attnclf.results.installed import Installation, repairing


def doctor_command(
    as_json: AsJson = False,
) -> None:
    """Say what this machine has for attnclf, and what works of it: libraries, devices, one step of training, extras. Exit
    code 5 where something that is needed is broken.
    """
    found = examine()
    if as_json:
        show_json(found.to_dict())
    else:
        with open_output(None) as stream:
            results_console(stream).print(table(found))
    if found.broken:
        raise InstallationError(f"attnclf cannot use {', '.join(found.broken)}", hint=_remedy(found))


def _remedy(found: Installation) -> str:
    """What to do: take a back end that works, install the one that is missing, or install again what does not work."""
    others = [one.name for one in found.back_ends if one.step and not one.chosen]
    trains = next(one for one in found.back_ends if one.chosen)
    if set(found.broken) <= {trains.name}:
        if others:
            return f"KERAS_BACKEND={others[0]} trains"
        if not trains.installed:
            extra = next((extra.command for extra in found.extras if extra.name == trains.name), "")
            return extra or "KERAS_BACKEND=tensorflow is the usual one"
    return repairing(found) or "pip install --force-reinstall attnclf"
