;; `run` spends its time in few, long instructions: it fills and copies megabytes for ever.
(memory (export "memory") 64)
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (memory.fill (i32.const 65536) (i32.const 7) (i32.const 2000000))
    (memory.copy (i32.const 2100000) (i32.const 65536) (i32.const 2000000))
    (br $again))
  (unreachable))
