;; The memory has 4 MiB from the start.
(memory (export "memory") 64)
