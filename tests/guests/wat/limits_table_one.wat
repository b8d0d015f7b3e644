;; `run` grows a table, for ever.
(table $table 1 funcref)
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (drop (table.grow $table (ref.null func) (i32.const 100)))
    (br $again))
  (unreachable))
