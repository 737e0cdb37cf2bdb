"""scikit-learn's side of tests/bench/learn_bench.ts, which starts it: reads one task a line, answers with milliseconds.

pip install numpy==2.4.6 scikit-learn==1.9.1. The folder in the first argument holds the tables as raw doubles.
"""
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import warnings

import numpy as np
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsClassifier

warnings.filterwarnings("ignore")
folder = sys.argv[1]
shape = json.load(open(f"{folder}/shape.json"))
table = np.fromfile(f"{folder}/forest_x.bin").reshape(shape["forest"])
labels = np.array(json.load(open(f"{folder}/forest_y.json")))
points = np.fromfile(f"{folder}/mixture_x.bin").reshape(shape["mixture"])
start = np.eye(shape["components"])[np.array(json.load(open(f"{folder}/mixture_start.json")))]
state = {}


class Started(GaussianMixture):
    def _initialize_parameters(self, x, random_state, **_):
        self._initialize(x, start)


def forest(threads):
    state["forest"] = RandomForestClassifier(100, n_jobs=threads, random_state=0).fit(table, labels)


def mixture():
    state["mixture"] = Started(n_components=shape["components"], tol=0, max_iter=shape["iterations"]).fit(points)


tasks = {
    "forest fit, 1 thread": lambda: forest(1),
    "forest fit, 2 threads": lambda: forest(2),
    "forest predict, 1 thread": lambda: state["forest"].set_params(n_jobs=1).predict_proba(table),
    "mixture fit": mixture,
    "mixture energy": lambda: state["mixture"].score_samples(points),
    "isolation forest fit and score": lambda: IsolationForest(n_estimators=100, random_state=0).fit(table).score_samples(table),
    "nearest neighbours fit and predict": lambda: KNeighborsClassifier(5).fit(points, np.arange(len(points)) % 3).predict_proba(points[:5000]),
}
print("ready", flush=True)
for line in sys.stdin:
    begin = time.perf_counter()
    tasks[line.strip()]()
    print(1000 * (time.perf_counter() - begin), flush=True)
