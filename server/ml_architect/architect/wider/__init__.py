"""Questions of the user's own: what is asked, how the answer is read and checked, what is shown, and running it."""
