"""Heaps, as lists of run-time length."""

__all__ = [
    "heapify", "heappop", "heappush", "heappushpop", "heapreplace", "nlargest", "nsmallest"
]  # fmt: skip


def heappush(heap, item):
    heap.append(item)
    _rise(heap, len(heap) - 1)


def heappop(heap):
    last = heap.pop()
    if len(heap) == 0:
        return last
    first = heap[0]
    heap[0] = last
    _sink(heap, 0)
    return first


def heapreplace(heap, item):
    first = heap[0]
    heap[0] = item
    _sink(heap, 0)
    return first


def heappushpop(heap, item):
    if len(heap) > 0 and heap[0] < item:
        first = heap[0]
        heap[0] = item
        _sink(heap, 0)
        return first
    return item


def heapify(x):
    for place in range(len(x) // 2 - 1, -1, -1):
        _sink(x, place)


def nsmallest(n, iterable, key=None):
    return sorted(iterable, key=key)[:n]


def nlargest(n, iterable, key=None):
    return sorted(iterable, key=key, reverse=True)[:n]


def _rise(heap, place):
    """Move an item up, past those that are greater."""
    while place > 0:
        parent = (place - 1) // 2
        if not heap[place] < heap[parent]:
            break
        heap[place], heap[parent] = heap[parent], heap[place]
        place = parent


def _sink(heap, place):
    """Move an item down, past those that are smaller."""
    while 2 * place + 1 < len(heap):
        child = 2 * place + 1
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child = child + 1
        if not heap[child] < heap[place]:
            break
        heap[place], heap[child] = heap[child], heap[place]
        place = child
