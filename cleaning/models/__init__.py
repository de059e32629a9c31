"""What the cleaner has learned: weights, words, the script that makes the weights, and a card."""
