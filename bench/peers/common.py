"""What the Python peers share: arguments, the fixed inputs of the checks, and the line protocol of bench/README.md."""
import argparse, json, os, resource, sys, time
from types import SimpleNamespace

PIXELS, ROWS = 784, 10000

def arguments(*flags):
    """The command line, with `sizes` as an object; `flags` are further options that are true or false."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", type=lambda text: SimpleNamespace(**json.loads(text)), required=True)
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    args = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    return args

def say(message):
    print(json.dumps(message), flush=True)

def missing(what):
    """Says what to install, and ends."""
    say({"missing": what})
    sys.exit(0)

def peak():
    """The most bytes of memory this process ever held at once."""
    try:
        with open("/proc/self/status") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def parameters(shapes):
    """Entry i of parameter p is 0.1 sin(0.37 i + p)."""
    import numpy as np
    return [(0.1 * np.sin(0.37 * np.arange(np.prod(shape)) + p)).astype(np.float32).reshape(shape)
            for p, shape in enumerate(shapes)]

def images(batch):
    """[batch, PIXELS] of 0 and 1."""
    import numpy as np
    b, j = np.arange(batch)[:, None], np.arange(PIXELS)[None, :]
    return ((7 * b + 3 * j + (b * j) % 11) % 5 == 0).astype(np.float32)

def noise(particles, batch, elements):
    """[particles, batch, elements]: sin(1.3 b + 0.7 l + 1.9 k)."""
    import numpy as np
    k, b, l = np.arange(particles)[:, None, None], np.arange(batch)[:, None], np.arange(elements)
    return np.sin(1.3 * b + 0.7 * l + 1.9 * k).astype(np.float32)

def serve(version, threads, idle, check, step, steps=1):
    """Warms up, says it is ready, then answers requests. `step()` makes `steps` steps; `idle` is peak() before all work."""
    def work():
        step()
        return steps
    serve_counted(version, threads, idle, check, work)

def serve_counted(version, threads, idle, check, work, least=2):
    """As `serve`; `work()` returns how many steps it has made, or these and seconds that do not count, and is called `least`
    times for each answer at least."""
    def run(seconds, least):
        start, calls, done, uncounted = time.perf_counter(), 0, 0, 0.0
        while calls < least or time.perf_counter() - start < seconds:
            made = work()
            steps, beside = made if isinstance(made, tuple) else (made, 0.0)
            done += steps
            uncounted += beside
            calls += 1
        ms = (time.perf_counter() - start - uncounted) / done * 1e3
        return {"ms": ms, "steps": done, "peakMB": (peak() - idle) / 1e6}
    run(0.3, least + 1 if least > 1 else 1)
    say({"ready": True, "version": version, "threads": threads, "check": check})
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("quit"):
            break
        say(run(request["run"]["seconds"], least))
