"""How a bench talks to a peer: one JSON object a line, both ways.

The bench sends {"prepare": case, "threads": n} and gets the setting that was chosen, as the fastest of those that the
peer offers; then each {"run": true} is answered with the milliseconds of one step. The first line that the peer writes
says what it is.
"""
import json
import os
import sys
import time


def milliseconds(work):
    begin = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begin)


def serve(facts, settings, make_step):
    """Answers until standard input ends.

    facts: peer (name and version) and flags, as a dictionary.
    settings: function of (case, threads) that lists the settings worth trying, as dictionaries.
    make_step: function of (case, setting) that applies the setting and returns a function which takes one whole step.
    """
    # What a library prints of its own must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**values):
        print(json.dumps(values), file=answers, flush=True)

    answer(**facts)
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                step = None
                candidates = []
                for setting in settings(request["prepare"], request["threads"]):
                    candidate = make_step(request["prepare"], setting)
                    candidate()
                    candidates.append((min(milliseconds(candidate) for _ in range(2)), setting))
                    candidate = None
                chosen = min(candidates, key=lambda pair: pair[0])[1]
                step = make_step(request["prepare"], chosen)
                step()
                answer(setting=chosen)
            else:
                answer(ms=milliseconds(step))
        except Exception as error:  # the bench prints the reason and goes on with the next case
            answer(error=f"{type(error).__name__}: {error}")
