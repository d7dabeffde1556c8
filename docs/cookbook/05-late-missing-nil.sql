-- 各区每季度逾期、未报、零报告、退回各有多少？
-- How many reports were late, missing, nil or rejected, by district and quarter?
select
    scope_name,
    period,
    expected_count as expected,
    late_count as late,
    missing_count as missing,
    nil_count as nil,
    rejected_count as rejected,
    round(100.0 * on_time_count / expected_count, 1) as on_time_pct
from marts.mart_completeness
where scope_level = 'district'
order by scope_code, period
