"""Tune a text classifier with a grid of few values, the vectoriser inside of the pipeline."""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline

GOOD = ("works well", "very good tool", "fast and good", "i like it", "great and fast")
BAD = ("does not work", "very bad tool", "slow and bad", "i hate it", "broken and slow")


def main() -> None:
    texts = [*GOOD, *BAD] * 4
    labels = ([1] * len(GOOD) + [0] * len(BAD)) * 4
    pipeline = Pipeline(
        [("words", TfidfVectorizer(ngram_range=(1, 2), min_df=1)), ("model", LogisticRegression(max_iter=500))]
    )
    search = GridSearchCV(
        pipeline,
        {"model__C": [0.1, 1.0, 10.0]},
        cv=StratifiedKFold(n_splits=4, shuffle=True, random_state=0),
        scoring="f1",
    )
    search.fit(texts, labels)
    print(f"best C {search.best_params_['model__C']}, F1 {search.best_score_:.3f}")


if __name__ == "__main__":
    main()
