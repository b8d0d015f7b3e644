//! Hostile guests, one per limit: each ends with exactly the error of its limit, and a neighbour's calls go on.
//!
//! The last match here has an arm for every guest of this suite: one without a test doesn't compile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod check;
mod compile;
mod crash;
mod host_calls;
mod memory;
mod output;
mod places;
mod sizes;
mod time;
mod usage;

use cofferdam_tests::guest::Limits;

const fn test_of(guest: Limits) -> fn() {
    match guest {
        Limits::Exit => crash::exit_ends_the_guest_and_not_the_host,
        Limits::HandlesHost => host_calls::resources_of_the_host_are_counted,
        Limits::HandlesOwn => host_calls::resources_of_the_guest_are_counted,
        Limits::HostCalls => host_calls::calls_into_the_host_are_counted,
        Limits::HostString => host_calls::a_text_for_the_host_has_a_size_limit,
        Limits::Instances => memory::core_instances_are_counted,
        Limits::Log => output::a_flood_of_log_messages_ends_at_the_limit,
        Limits::LoopBulk => time::a_loop_of_bulk_memory_operations_ends_at_the_deadline,
        Limits::LoopExport => time::a_loop_in_an_export_ends_at_the_deadline,
        Limits::LoopList => time::a_loop_in_list_tools_refuses_the_plugin,
        Limits::LoopPostReturn => time::a_loop_behind_the_result_ends_at_the_deadline,
        Limits::LoopRealloc => time::a_loop_in_the_guest_s_allocator_ends_at_the_deadline,
        Limits::LoopStart => time::a_loop_in_a_start_function_ends_at_the_deadline,
        Limits::MemoryEight => memory::the_memory_limit_counts_all_memories,
        Limits::MemoryGrown => usage::the_peak_of_memory_is_reported,
        Limits::MemoryInitial => memory::a_memory_that_is_too_large_from_the_start_is_refused,
        Limits::MemoryOne => memory::a_memory_grows_up_to_the_limit,
        Limits::Misuse => crash::misuse_of_wasi_is_the_guest_s_own_fault,
        Limits::Panic => crash::a_panic_is_the_guest_s_own,
        Limits::PoolHog => places::calls_that_need_much_of_the_pool_leave_enough_for_others,
        Limits::PrintStderr => output::a_flood_on_stderr_ends_at_the_limit,
        Limits::PrintStdout => output::a_flood_on_stdout_ends_at_the_limit,
        Limits::Progress => output::a_flood_of_progress_ends_at_the_limit,
        Limits::Random => host_calls::random_bytes_come_in_small_portions,
        Limits::ResultDeep => sizes::a_result_that_is_nested_too_deep_is_malformed,
        Limits::ResultError => sizes::an_error_has_a_size_limit_too,
        Limits::ResultList => sizes::a_list_of_empty_blocks_is_no_small_result,
        Limits::ResultString => sizes::a_result_has_a_size_limit,
        Limits::Sleep => time::sleep_without_end_ends_at_the_deadline,
        Limits::StackNative => crash::recursion_on_the_native_stack_ends_at_the_limit,
        Limits::StackRust => crash::recursion_of_compiled_code_is_a_crash_of_the_guest,
        Limits::TableMany => memory::the_table_limit_counts_all_tables,
        Limits::TableOne => memory::a_table_grows_up_to_the_limit,
        Limits::Told => places::a_call_that_is_dropped_ends_and_frees_its_place,
    }
}

const _: fn(Limits) -> fn() = test_of;
