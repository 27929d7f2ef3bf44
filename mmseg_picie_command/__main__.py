"""python -m mmseg_picie_command"""

from . import main

main()
