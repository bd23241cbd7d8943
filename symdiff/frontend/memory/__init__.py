"""What names stand for: values, the arrays and objects behind them, and who shares them."""
