"""Who is asked: the choice of the user, the budget, and the process that holds litellm."""
