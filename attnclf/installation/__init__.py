"""What is installed, and what works of it. Libraries are tried in processes of their own: one that cannot be imported, or that
ends its process, is a finding and not a failure."""

import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, requires, version

from attnclf.installation.back_ends import BACK_ENDS, back_end, chosen_back_end
from attnclf.installation.drivers import gpus_of_driver
from attnclf.installation.packages import extras_of, needed, tried
from attnclf.limits import available_addresses, available_cores, available_memory
from attnclf.results.installed import Extra, Installation, Package


def examine() -> Installation:
    """Tries everything that attnclf uses, which takes as long as it takes to import, some ten seconds."""
    chosen, driver = chosen_back_end(os.environ), gpus_of_driver(os.environ)
    names = list(dict.fromkeys((chosen, *BACK_ENDS)))
    with ThreadPoolExecutor(2) as pool:
        required = pool.submit(_packages)
        back_ends = tuple(pool.map(lambda name: back_end(name, name == chosen, driver), names))
        own, packages, extras = required.result()
    return Installation(
        attnclf=own,
        python=f"{platform.python_version()}, {sys.executable}",
        platform=platform.platform(),
        cores=available_cores(),
        memory=available_memory(),
        address_space=available_addresses(),
        gpus=driver.gpus,
        driver=driver.reason,
        packages=packages,
        back_ends=back_ends,
        extras=extras,
    )


def _packages() -> tuple[str, tuple[Package, ...], tuple[Extra, ...]]:
    """The version of attnclf, the packages that it needs, and its extras."""
    try:
        own, requirements = version("attnclf"), requires("attnclf") or []
    except PackageNotFoundError:  # run from a copy of its code
        return "", (Package("attnclf", "attnclf", "", "it is not installed, so nothing says what it needs"),), ()
    try:
        return own, tried(needed(requirements)), extras_of(requirements)
    except ImportError as error:  # of what reads requirements
        return own, (Package("packaging", "packaging", "", str(error)),), ()
