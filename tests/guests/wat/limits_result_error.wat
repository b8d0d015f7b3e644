;; The result is an error, `failed`, with a text of 2 MiB.
(memory (export "memory") 64)
(data (i32.const 608) "\01\00\00\00\04\00\00\00\00\00\01\00\00\00\20\00")
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (memory.fill (i32.const 65536) (i32.const 97) (i32.const 2097152))
  (i32.const 608))
