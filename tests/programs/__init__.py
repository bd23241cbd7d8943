"""Programs in the style of scientists and engineers, none written for symdiff."""
