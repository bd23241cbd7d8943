"""Two compartments with absorption, doses and infusions; fit to measured levels."""

import math

DOSES = [
    {"time": 0.0, "amount": 100.0, "route": "oral"},
    {"time": 6.0, "amount": 60.0, "route": "oral"},
    {"time": 9.0, "amount": 40.0, "route": "bolus"},
    {"time": 12.0, "amount": 30.0, "route": "infusion", "duration": 3.0},
]
MEASURED = {1.0: 2.1, 3.0: 2.9, 7.0: 3.4, 10.0: 4.1, 14.0: 3.6, 20.0: 1.7}


def infusion_rate(doses, t):
    rate = 0.0
    for dose in doses:
        if dose["route"] != "infusion":
            continue
        if dose["time"] <= t < dose["time"] + dose.get("duration", 1.0):
            rate += dose["amount"] / dose["duration"]
    return rate


def derivatives(state, params, rate):
    depot, central, tissue = state
    ka, cl, v1, q, v2 = (params[k] for k in ("ka", "cl", "v1", "q", "v2"))
    absorbed = ka * depot
    out = cl / v1 * central
    exchange = q * (central / v1 - tissue / v2)
    return [-absorbed, absorbed + rate - out - exchange, exchange]


def rk4(state, params, rate, dt):
    def shifted(k, h):
        return [s + h * ki for s, ki in zip(state, k)]

    k1 = derivatives(state, params, rate)
    k2 = derivatives(shifted(k1, dt / 2), params, rate)
    k3 = derivatives(shifted(k2, dt / 2), params, rate)
    k4 = derivatives(shifted(k3, dt), params, rate)
    return [
        s + dt / 6 * (a + 2 * b + 2 * c + d) for s, a, b, c, d in zip(state, k1, k2, k3, k4)
    ]


def simulate(params, doses, times, dt=0.25):
    """Concentrations at the given times, as a dict."""
    pending = sorted(doses, key=lambda dose: dose["time"])
    state = [0.0, 0.0, 0.0]
    levels = {}
    steps = round(max(times) / dt)
    for k in range(steps + 1):
        t = k * dt
        while pending and pending[0]["time"] <= t:
            dose = pending.pop(0)
            if dose["route"] == "oral":
                state[0] += params["f"] * dose["amount"]
            elif dose["route"] == "bolus":
                state[1] += dose["amount"]
        if t in times:
            levels[t] = state[1] / params["v1"]
        state = rk4(state, params, infusion_rate(doses, t), dt)
    return levels


def misfit(ka, cl, v1, q, v2, f):
    params = dict(ka=ka, cl=cl, v1=v1, q=q, v2=v2, f=f)
    for name, value in params.items():
        if value <= 0:
            return math.inf
    levels = simulate(params, DOSES, list(MEASURED))
    total = 0.0
    for t, measured in MEASURED.items():
        total += (math.log(levels[t]) - math.log(measured)) ** 2
    total /= len(MEASURED)
    # log-normal priors on the clearance and the volume
    prior = (math.log(cl / 4.0) / 0.5) ** 2 + (math.log(v1 / 20.0) / 0.5) ** 2
    return total + 0.01 * prior


if __name__ == "__main__":
    print(misfit(0.9, 3.5, 18.0, 1.2, 25.0, 0.8))
