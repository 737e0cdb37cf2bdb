"""Writes tests/learn/fixtures/*.json with scikit-learn, the independent reference of lib/learn.

pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1; run from the repository root. Arguments name the parts to
write (metrics, mixture, ...); without arguments all are written.
"""
import json
import sys
import warnings
import numpy as np
from sklearn import metrics

OUT = "tests/learn/fixtures/"
warnings.filterwarnings("ignore")


def write(name, value):
    with open(f"{OUT}{name}.json", "w") as file:
        json.dump(value, file, default=lambda a: a.tolist())


def metrics_part():
    rng = np.random.default_rng(7)
    names = ["15", "42", "64", "90", "99"]
    n = 120
    truth = rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])  # class 4 is never true
    logits = rng.normal(size=(n, 5)) * 2
    logits[np.arange(n), truth] += 1.5
    logits[:, 3] -= 8  # class 3 is never predicted
    p = np.exp(logits)
    p /= p.sum(1, keepdims=True)
    predicted = p.argmax(1)
    labels = list(range(5))
    prf = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    macro = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, average="macro", zero_division=0)
    weighted = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, average="weighted", zero_division=0)
    present = np.unique(truth)
    positive = rng.random(150) < 0.3
    score = np.round(rng.normal(size=150) + positive, 1)  # many ties
    precision, recall, thresholds = metrics.precision_recall_curve(positive, score)
    fpr, tpr, roc_thresholds = metrics.roc_curve(positive, score, drop_intermediate=False)
    w = np.array([2, 1, 2, 1, 2.0])
    per_class = np.array([np.log(p[truth == k, k]).mean() for k in present])
    # Temperature by an independent minimiser over the log loss.
    from scipy.optimize import minimize_scalar

    def nll(inverse):
        z = logits * inverse
        return -(z[np.arange(n), truth] - np.log(np.exp(z).sum(1))).mean()

    best = minimize_scalar(nll, bounds=(0.01, 10), method="bounded", options={"xatol": 1e-12})
    write("metrics", {
        "names": names, "truth": truth, "predicted": predicted, "probabilities": p, "logits": logits,
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balanced": metrics.balanced_accuracy_score(truth, predicted),
        "precision": prf[0], "recall": prf[1], "f1": prf[2], "support": prf[3],
        "macro": macro[:3], "weighted": weighted[:3],
        "log_loss": metrics.log_loss(truth, p, labels=labels),
        "brier": metrics.brier_score_loss(truth, p, labels=labels, scale_by_half=False),
        "plasticc": -(w[present] * per_class).sum() / w[present].sum(),
        "ovr": [metrics.roc_auc_score(truth == k, p[:, k]) for k in present],
        "positive": positive.astype(int), "score": score,
        "auc": metrics.roc_auc_score(positive, score),
        "ap": metrics.average_precision_score(positive, score),
        "pr_auc": metrics.auc(recall, precision),
        "pr_precision": precision, "pr_recall": recall, "pr_thresholds": thresholds,
        "fpr": fpr, "tpr": tpr,
        "recall_at": [[rate, tpr[fpr <= rate].max()] for rate in (0.0, 0.01, 0.05, 0.2, 1.0)],
        "inverse_temperature": best.x, "temperature_loss": best.fun,
    })


def mixture_start(rng, n, d, k):
    """Overlapping clusters of unequal shape, and hard labels from a few k-means steps as the common start."""
    from sklearn.cluster import KMeans
    centres = rng.normal(size=(k, d)) * 3
    mix = rng.normal(size=(k, d, d)) * 0.6 + np.eye(d)
    which = rng.choice(k, n, p=np.arange(1, k + 1) / (k * (k + 1) / 2))
    x = np.round(centres[which] + np.einsum("nij,nj->ni", mix[which], rng.normal(size=(n, d))), 4)
    return x, KMeans(k, n_init=1, random_state=3).fit_predict(x)


def mixture_part():
    from scipy import stats
    from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

    def started(cls, labels, k, **options):
        class Started(cls):
            def _initialize_parameters(self, x, random_state, **_):
                self._initialize(x, np.eye(k)[labels])
        return Started(n_components=k, **options)

    rng = np.random.default_rng(11)
    x, labels = mixture_start(rng, 300, 3, 4)
    fits = []
    for kind in ("full", "diag", "tied"):
        for tol, most in ((0.0, 5), (1e-3, 200)):
            model = started(GaussianMixture, labels, 4, covariance_type=kind, tol=tol, max_iter=most).fit(x)
            fits.append({"kind": kind, "tol": tol, "max_iter": most, "iterations": model.n_iter_,
                         "log_likelihood": model.score_samples(x), "weights": model.weights_, "means": model.means_,
                         "bic": model.bic(x), "aic": model.aic(x)})
    variational = []
    for prior in ("dirichlet_distribution", "dirichlet_process"):
        for options in ({}, {"weight_concentration_prior": 0.01, "mean_precision_prior": 0.1, "degrees_of_freedom_prior": 6.0}):
            model = started(BayesianGaussianMixture, labels, 4, weight_concentration_prior_type=prior, tol=1e-6,
                            max_iter=2000, **options).fit(x)
            variational.append({"prior": prior, **options, "iterations": model.n_iter_, "converged": model.converged_,
                                "log_likelihood": model.score_samples(x), "weights": model.weights_,
                                "means": model.means_, "covariances": model.covariances_,
                                "probabilities": model.predict_proba(x[:20]), "bound": model.lower_bound_})
    # An energy by SciPy's own multivariate normal, and a conditional by the ratio of joint and marginal densities.
    d, k = 3, 4
    w, mu = model.weights_ / model.weights_.sum(), model.means_
    cov = model.covariances_
    z = rng.normal(size=(40, d)) * 4
    density = sum(w[j] * stats.multivariate_normal(mu[j], cov[j]).pdf(z) for j in range(k))
    observed = [2, 0]
    marginal = sum(w[j] * stats.multivariate_normal(mu[j][observed], cov[j][np.ix_(observed, observed)]).pdf(z[:, observed])
                   for j in range(k))
    write("mixture", {"x": x, "labels": labels, "fits": fits, "variational": variational,
                      "parameters": {"weights": w, "means": mu, "covariances": cov}, "z": z,
                      "energy": -np.log(density), "observed": observed, "conditional_density": density / marginal})


def transforms_part():
    from sklearn import preprocessing
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(5)
    n = 90
    x = np.column_stack([rng.normal(3, 2, n), np.exp(rng.normal(0, 1, n)), np.round(rng.normal(0, 1, n)),
                         -rng.gamma(2, 3, n), 1e6 + rng.normal(0, 1e-2, n)])
    x[:, 0] = np.round(x[:, 0], 6)
    new = np.vstack([x[:10] + 0.01, x.min(0) - 1, x.max(0) + 1, x[:5]])
    with_nan = x.copy()
    with_nan[rng.random(x.shape) < 0.1] = np.nan
    out = {"x": x, "new": new, "with_nan": np.where(np.isnan(with_nan), None, with_nan)}
    for name, transform in {
        "standard": preprocessing.StandardScaler(),
        "minmax": preprocessing.MinMaxScaler((-1, 2)),
        "uniform": preprocessing.QuantileTransformer(n_quantiles=50),
        "normal": preprocessing.QuantileTransformer(n_quantiles=1000, output_distribution="normal"),
    }.items():
        y = transform.fit(x).transform(new)
        back = transform.inverse_transform(y)
        nan = transform.fit(with_nan).transform(new)
        out[name] = {"y": y, "back": back, "nan": nan}
    small = x[:, :4]
    for method, columns in {"yeo-johnson": small, "box-cox": np.abs(small) + 0.1}.items():
        power = preprocessing.PowerTransformer(method=method).fit(columns)
        out[method] = {"x": columns, "lambdas": power.lambdas_, "y": power.transform(columns[:20])}
    pca = PCA(3, whiten=True).fit(small)
    out["pca"] = {"y": np.abs(pca.transform(small)), "variances": pca.explained_variance_,
                  "share": pca.explained_variance_ratio_}
    write("transforms", out)


def forest_part():
    """Three problems, halved once; ten forests on each give accuracies, and mean and variance of every probability."""
    from sklearn.datasets import load_wine, make_classification, make_moons
    from sklearn.ensemble import IsolationForest, RandomForestClassifier

    rng = np.random.default_rng(17)
    wine = load_wine()
    made = make_classification(360, 8, n_informative=5, n_redundant=2, n_classes=4, n_clusters_per_class=1, flip_y=0.1,
                               weights=[0.5, 0.25, 0.15, 0.1], random_state=2)
    moons = make_moons((280, 80), noise=0.35, random_state=4)
    noisy = np.hstack([moons[0], rng.normal(size=(360, 2))])
    problems = []
    for name, x, y, options in (
        ("wine", wine.data, wine.target, {}),
        ("made", made[0], made[1], {"criterion": "entropy", "min_samples_leaf": 3, "max_features": 0.4}),
        ("moons", noisy, moons[1], {"class_weight": "balanced", "max_depth": 6, "min_impurity_decrease": 1e-3}),
    ):
        x = np.round(x, 3)
        order = rng.permutation(len(y))
        train, test = order[: len(y) // 2], order[len(y) // 2:]
        fits = [RandomForestClassifier(100, random_state=s, oob_score=True, **options).fit(x[train], y[train]) for s in range(10)]
        p = np.array([f.predict_proba(x[test]) for f in fits])
        problems.append({
            "name": name, "x": x, "y": y, "train": train, "test": test,
            "accuracies": [f.score(x[test], y[test]) for f in fits], "oob": [f.oob_score_ for f in fits],
            "mean": np.round(p.mean(0), 5), "variance": np.round(p.var(0, ddof=1), 8),
            "importances": np.mean([f.feature_importances_ for f in fits], 0),
        })
    # Usual objects in two clusters, and some far from both; scores averaged over ten forests are the reference ranking.
    x = np.round(np.vstack([rng.normal(size=(250, 4)), rng.normal(size=(150, 4)) * 0.5 + 4, rng.uniform(-8, 12, (40, 4))]), 3)
    one = IsolationForest(n_estimators=300, random_state=0).fit(x)
    write("forest", {"problems": problems, "isolation": {"x": x, "score": np.round(-one.score_samples(x), 6)}})


def probes_part():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(23)
    y = rng.integers(0, 3, 120)
    x = np.round(rng.normal(size=(120, 4)) + y[:, None] * np.array([1.0, -0.5, 0, 0.3]), 3)
    out = {"x": x, "y": y}
    for name, options in {"plain": {"C": 0.5}, "balanced": {"C": 2.0, "class_weight": "balanced"}}.items():
        model = LogisticRegression(tol=1e-10, max_iter=5000, **options).fit(x, y)
        out[name] = {"C": options["C"], "probabilities": model.predict_proba(x)}
    write("probes", out)


def follow_up_part(data="EPHEMERA_DATA"):
    """Folds and accuracy of a forest on the published features of real variables; reads the data set itself."""
    import csv
    import gzip
    import os
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold

    folder = os.environ[data] + "/css-sdss-followup/"
    kinds = {row["id"]: row["class"] for row in csv.DictReader(open(folder + "objects.csv"))}
    keep = {"EA", "EW", "RRab", "RRc", "RRd", "RS CVn"}
    columns = ["PeriodLS", "Freq1_harmonics_amplitude_0", "MedianAbsDev", "Q31", "FluxPercentileRatioMid35",
               "FluxPercentileRatioMid50", "Freq1_harmonics_amplitude_1"]
    rows = [r for r in csv.DictReader(gzip.open(folder + "fats_features.csv.gz", "rt")) if kinds.get(r["ID"]) in keep]
    x = np.array([[float(r[c]) for c in columns] for r in rows])
    y = np.array([kinds[r["ID"]] for r in rows])
    repeats, accuracies = [], []
    for seed in range(5):
        fold = np.zeros(len(y), int)
        right = 0
        for f, (train, test) in enumerate(StratifiedKFold(10, shuffle=True, random_state=seed).split(x, y)):
            fold[test] = f
            right += (RandomForestClassifier(200, random_state=seed, n_jobs=2).fit(x[train], y[train]).predict(x[test]) == y[test]).sum()
        repeats.append("".join(map(str, fold)))
        accuracies.append(right / len(y))
    write("follow_up", {"columns": columns, "objects": len(y), "folds": repeats, "accuracies": accuracies})


PARTS = {name[:-5]: f for name, f in list(globals().items()) if name.endswith("_part")}
if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
