"""Likelihood of a hidden Markov chain, and the cost of its best path, in logarithms."""

import math

import numpy as np

OBSERVED = [0.3, 0.8, -0.4, 1.9, 2.2, 1.7, 0.1, -0.2, 2.4, 0.5]


def logsumexp(values):
    m = np.max(values)
    if m == -math.inf:
        return m
    return m + np.log(np.sum(np.exp(values - m)))


def log_normal(x, mean, sd):
    return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)


def log_rows(logits):
    """Rows of a table of transition probabilities, normalised."""
    table = np.empty_like(logits)
    for i in range(logits.shape[0]):
        table[i, :] = logits[i, :] - logsumexp(logits[i, :])
    return table


def forward(log_start, log_transition, log_emission):
    """The logarithm of the probability of all that was observed."""
    n_steps, n_states = log_emission.shape
    alpha = log_start + log_emission[0]
    for t in range(1, n_steps):
        new = np.empty(n_states)
        for j in range(n_states):
            new[j] = logsumexp(alpha + log_transition[:, j]) + log_emission[t, j]
        alpha = new
    return logsumexp(alpha)


def viterbi(log_start, log_transition, log_emission):
    """The best path with its score."""
    n_steps, n_states = log_emission.shape
    best = log_start + log_emission[0]
    back = np.zeros((n_steps, n_states), dtype=int)
    for t in range(1, n_steps):
        scores = best[:, None] + log_transition
        back[t] = np.argmax(scores, axis=0)
        best = scores[back[t], np.arange(n_states)] + log_emission[t]
    state = int(np.argmax(best))
    score = best[state]
    path = [state]
    for t in range(n_steps - 1, 0, -1):
        state = int(back[t, state])
        path.append(state)
    path.reverse()
    return path, score


def objective(logits, means, sd):
    """Minus the log likelihood, with a pull towards the best path's score."""
    n_states = len(means)
    observed = np.asarray(OBSERVED)
    log_start = np.full(n_states, -math.log(n_states))
    log_transition = log_rows(logits)
    log_emission = np.zeros((len(observed), n_states))
    for k, x in enumerate(observed):
        for j, mean in enumerate(means):
            log_emission[k, j] = log_normal(x, mean, sd)
    total = forward(log_start, log_transition, log_emission)
    path, score = viterbi(log_start, log_transition, log_emission)
    switches = sum(1 for a, b in zip(path, path[1:]) if a != b)
    return -total - 0.1 * score + 0.01 * switches


if __name__ == "__main__":
    print(objective(np.array([[1.0, -0.5], [0.1, 0.7]]), np.array([0.1, 2.0]), 0.6))
