-- The same figures of those that report to the unit.
select
    units.parent_code as unit_code, units.unit_code as code, scores.stage_code as stage, scores.score, scores.max_score,
    scores.superior_score, scores.rank, scores.peers_count, scores.band_zh, scores.improvement,
    scores.rule_met_count, scores.rule_count, scores.quota_met_count
from marts.mart_stage_score as scores
inner join document_unit as units using (unit_code)
order by units.parent_code, scores.stage_code, units.unit_code
