"""Start a service: `python -m patchbay_chassis billing_service.main`.

Python's collector rests meanwhile: what imports make stays for good, and walking it again and again took a tenth to a
sixth of the processor time of a start. It stays at rest afterwards, see `process.run`.
"""

import gc
import runpy
import sys

if __name__ == "__main__":
    gc.disable()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
