import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported, or its start-up talk hides failures
os.environ.setdefault("OMP_NUM_THREADS", "1")  # PyTorch threads that wait for each other crawl on a busy machine
