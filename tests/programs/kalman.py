"""Log likelihood of a track under a constant-velocity model, by a Kalman filter."""

import numpy as np


class KalmanFilter:
    """A linear filter with state x and covariance P."""

    def __init__(self, F, H, Q, R, x0, P0):
        self.F = F
        self.H = H
        self.Q = Q
        self.R = R
        self.x = x0
        self.P = P0
        self.log_likelihood = 0.0
        self.skipped = 0

    @property
    def dim(self):
        return self.x.shape[0]

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q
        return self.x

    def update(self, z):
        """Take in one measurement; the innovation is returned."""
        innovation = z - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = self.P @ self.H.T @ np.linalg.inv(S)
        self.x = self.x + K @ innovation
        # Joseph form keeps the covariance symmetric
        I_KH = np.eye(self.dim) - K @ self.H
        self.P = I_KH @ self.P @ I_KH.T + K @ self.R @ K.T
        mahalanobis = innovation @ np.linalg.solve(S, innovation)
        self.log_likelihood -= 0.5 * (
            mahalanobis + np.log(np.linalg.det(S)) + len(z) * np.log(2 * np.pi)
        )
        return innovation

    def step(self, z=None):
        self.predict()
        if z is None:
            self.skipped += 1
            return None
        return self.update(z)


def transition_matrix(dt):
    F = np.eye(4)
    F[0, 2] = dt
    F[1, 3] = dt
    return F


def process_noise(dt, sigma):
    """Discretised white acceleration."""
    block = sigma**2 * np.array([[dt**4 / 4, dt**3 / 2], [dt**3 / 2, dt**2]])
    Q = np.zeros((4, 4))
    for axis in range(2):
        index = [axis, axis + 2]
        Q[np.ix_(index, index)] = block
    return Q


def simulate_track(n):
    """A noisy curve with a gap in it."""
    rng = np.random.default_rng(7)
    t = np.arange(n) * 0.5
    truth = np.stack([np.cos(0.3 * t), 0.2 * t], axis=1)
    track = []
    for k, position in enumerate(truth):
        if k % 5 == 3:
            track.append(None)
        else:
            track.append(position + 0.1 * rng.standard_normal(2))
    return track


TRACK = simulate_track(12)


def negative_log_likelihood(sigma_process, sigma_measurement, x0):
    """What one minimises to find the two noise levels and the initial state."""
    dt = 0.5
    H = np.zeros((2, 4))
    H[0, 0] = H[1, 1] = 1.0
    kf = KalmanFilter(
        F=transition_matrix(dt),
        H=H,
        Q=process_noise(dt, sigma_process),
        R=sigma_measurement**2 * np.eye(2),
        x0=x0,
        P0=np.eye(4) * 0.5,
    )
    residuals = []
    for z in TRACK:
        innovation = kf.step(z)
        if innovation is not None:
            residuals.append(innovation)
    penalty = 1e-3 * sum(np.sum(r**2) for r in residuals)
    assert kf.skipped == len(TRACK) - len(residuals)
    return -kf.log_likelihood + penalty


if __name__ == "__main__":
    print(negative_log_likelihood(0.3, 0.15, np.array([1.0, 0.0, 0.1, 0.3])))
