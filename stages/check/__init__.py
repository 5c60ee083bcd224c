"""Black-box checks: what each stage promises, asked over TCP of a server in any language.

    python -m stages.check 5 --connect 127.0.0.1:9999
    python -m stages.check 5 -- ./my-server --port {port}

Whoever reads on: `stage1.py` to `stage8.py` hold the checks, each a short story told with the
people in a `room.Room`; `client.py` is one of them, `transcript.py` what they saw, `failure.py`
what is said when something differs, `target.py` and `program.py` the server under test, `log.py`
what it prints, `suite.py` runs the stories, `report.py` prints. Nothing here knows how a server is
made.
"""
