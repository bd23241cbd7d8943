"""Names with two leading underscores, which belong to the class in whose text they are."""

from corpus.registry import case


class Tank:
    __scale = 2.0

    class __Wall:
        def __init__(self, size):
            self.size = size

    def __init__(self, x):
        self.__x = x
        self.__wall = Tank.__Wall(3.0 * x)
        self.level = self.__raised(x)

    def __raised(self, x):
        return x * x * Tank.__scale + self.__wall.size

    @property
    def value(self):
        return self.__x * self.level


class Deep(Tank):
    def __init__(self, x):
        super().__init__(x)
        self.__x = 3.0 * x

    def both(self):
        return self.__x * self.value  # each class has an `__x` of its own

    @staticmethod
    def __squared(v):
        return v * v

    def rest(self, __by=1.5):
        def __inner(__a):
            return __a * self.__x

        __total = sum(__v * __inner(2.0) for __v in (__by, self._Tank__x))
        return self.__squared(__total) + (lambda v: v * self.__x)(__by)


DEEP = Deep(1.5)


@case(0.7)
def private_to_each_class(x):
    return Deep(x).both() + Tank(x).value * x


@case(0.7)
def private_functions_and_variables(x):
    return Deep(x).rest() + DEEP.rest(x) * DEEP.both()


@case(0.7)
def private_to_a_class_made_here(x):
    class Local:
        def __init__(self, v):
            self.__v = v

        def __twice(self):
            return 2.0 * self.__v

        def out(self):
            return self.__twice() * self.__v

    return Local(x).out() * Local(2.0).out()


@case(0.7, 3)
def private_from_round_to_round(x, n):
    tank = Tank(x)
    for _ in range(n):
        tank = Deep(0.1 * tank.value)
    return tank.value
