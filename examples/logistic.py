"""Logistic regression on the breast cancer data that ship with scikit-learn.

569 tumours, 30 measurements each; the label says whether the tumour is benign.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from symdiff import check_grads, grad


def log_likelihood(weights, bias, X, y):
    """The mean log-likelihood of labels y in {0, 1}."""
    z = X @ weights + bias
    return np.mean(y * z - np.logaddexp(0, z))


def loss(weights, bias, X, y, penalty=1e-3):
    return -log_likelihood(weights, bias, X, y) + penalty * np.sum(weights**2)


def accuracy(weights, bias, X, y):
    return np.mean((X @ weights + bias > 0) == y)


def main():
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    X_train, X_test = (X_train - mean) / spread, (X_test - mean) / spread

    loss_grad = grad(loss, argnums=("weights", "bias"))
    weights, bias = np.zeros(X.shape[1]), 0.0
    weights_bar, bias_bar = loss_grad(weights, bias, X_train, y_train)
    print(loss_grad.source)
    print("norm of the gradient at zero:", round(float(np.linalg.norm(weights_bar)), 6))
    check_grads(loss, (weights, bias, X_train, y_train), argnums=("weights", "bias"))
    print("check: the gradient agrees with central differences in 31 entries")

    print("\nstep     loss")
    for step in range(501):
        if step % 100 == 0:
            print(f"{step:4} {loss(weights, bias, X_train, y_train):8.4f}")
        weights_bar, bias_bar = loss_grad(weights, bias, X_train, y_train)
        weights = weights - 0.5 * weights_bar
        bias = bias - 0.5 * bias_bar
    print(f"accuracy on the training set {accuracy(weights, bias, X_train, y_train):.3f}")
    print(f"accuracy on the test set     {accuracy(weights, bias, X_test, y_test):.3f}")


if __name__ == "__main__":
    main()
