"""A heated tank under a PID controller with limits, a delay, and a Newton steady state."""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class PID:
    kp: float
    ki: float
    kd: float
    setpoint: float
    limits: tuple = (0.0, 10.0)
    integral: float = field(default=0.0, init=False)
    previous: float | None = field(default=None, init=False)

    def __call__(self, measured, dt):
        error = self.setpoint - measured
        derivative = 0.0
        if self.previous is not None:
            derivative = (error - self.previous) / dt
        self.previous = error
        candidate = self.integral + error * dt
        output = self.kp * error + self.ki * candidate + self.kd * derivative
        low, high = self.limits
        if output < low:
            return low  # the integral stands still at a limit
        elif output > high:
            return high
        self.integral = candidate
        return output


class Tank:
    """A stirred tank that loses heat by conduction and by radiation."""

    sigma = 2e-3
    ambient = 1.0

    def __init__(self, capacity, conductance, temperature=None):
        self.capacity = capacity
        self.conductance = conductance
        self.temperature = self.ambient if temperature is None else temperature

    def losses(self, temperature):
        conduction = self.conductance * (temperature - self.ambient)
        return conduction + self.sigma * (temperature**4 - self.ambient**4)

    def advance(self, heat, dt, substeps=2):
        h = dt / substeps
        for _ in range(substeps):
            self.temperature += h * (heat - self.losses(self.temperature)) / self.capacity
        return self.temperature


def newton(residual, guess, tol=1e-12, max_iter=50):
    """A root by Newton's method with a numerical slope."""
    x = guess
    for iteration in range(max_iter):
        r = residual(x)
        if abs(r) < tol:
            return x
        slope = (residual(x + 1e-5) - residual(x - 1e-5)) / 2e-5
        step = r / slope
        x -= step
        if abs(step) < tol * max(1.0, abs(x)):
            break
    else:
        raise RuntimeError("Newton's method has not converged")
    return x


def regulation_cost(kp, ki, kd, capacity, conductance):
    """Squared error over time, effort, and distance from the steady state wanted."""
    dt = 0.1
    tank = Tank(capacity, conductance)
    controller = PID(kp, ki, kd, setpoint=2.5)
    pipeline = deque([0.0] * 2)
    cost, effort = 0.0, 0.0
    for step in range(40):
        if step == 25:
            controller.setpoint = 2.0
        heat = controller(tank.temperature, dt)
        pipeline.append(heat)
        tank.advance(pipeline.popleft(), dt)
        cost += dt * (controller.setpoint - tank.temperature) ** 2
        effort += dt * heat**2
    steady = newton(lambda T: tank.losses(T) - 1.3, tank.temperature)
    return cost + 0.01 * effort + 0.1 * (steady - tank.temperature) ** 2


if __name__ == "__main__":
    print(regulation_cost(3.0, 0.8, 0.15, 1.2, 0.7))
