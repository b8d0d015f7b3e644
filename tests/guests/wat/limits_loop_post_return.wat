;; What the host calls after it has read the result never returns.
(func (export "cabi_post_cofferdam:plugin/tools@0.1.0#call-tool") (param i32)
  (loop $again (br $again)))
