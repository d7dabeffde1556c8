-- What the unit itself has in each stage; scores in thousandths of a point.
select
    unit_code, stage_code as stage, stage_name_zh as name, batch_code as batch, closes_on, is_provisional,
    score, max_score, superior_score, rank, peers_count, level_rank, level_peers_count, band_zh,
    previous_score, improvement, improvement_rank, rank_low, rank_high, unranked_reason, vetoed, is_excused,
    is_late_entrant, unit_event_zh, baseline_state_zh, rule_count, rule_met_count, quota_met_count,
    expected_count, reported_count, on_time_count, late_count, nil_count, missing_count, rejected_count, not_due_count
from marts.mart_stage_score
order by unit_code, stage
