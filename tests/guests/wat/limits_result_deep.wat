;; The structured result is JSON of 10_000 nested arrays.
(memory (export "memory") 2)
(data (i32.const 624) "\01\00\00\00\00\00\01\00\10\27\00\00")
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (memory.fill (i32.const 65536) (i32.const 0x5b) (i32.const 10000))
  (i32.const 608))
