"""How often the pipeline errs, measured on pictures of which the truth is known.

    folder -> pairs          -> verification (FMR, FNMR, TAR)            -> report, curves, JSON
    folder -> presentations  -> attack detection (APCER, BPCER, APNRR)   -> report, curves, JSON

No part of a kiosk imports this, and it writes no template and no picture of a person to disk.
"""
