"""python -m mmseg_picie: the command line mmseg-picie."""

from mmseg_picie_command import main

if __name__ == '__main__':
    main(prog_name='mmseg-picie')
