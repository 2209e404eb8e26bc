"""How much is asked at once, for how long and for how much money: pool, pace, breaker, budget, estimate."""
