"""
The way of a page in an account as it is: looked at from alarm to secret, and walked once by alarms made for it.

`rights` is all that AWS is asked, `calls` asks. `reading` collects what is there as `way` has it, `faults` says what of
it keeps a page from arriving. `alarms` are the test's own, `sending` moves them to ALARM and back, `history` and
`incidents` say what came of it, `verdict` what that proves.
"""
