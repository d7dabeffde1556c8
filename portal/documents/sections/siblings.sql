-- Names, ranks and scores of those beside the unit: only where the policy says that ranks are public.
select
    units.unit_code, beside.unit_code as code, beside.unit_name as name, scores.stage_code as stage, scores.score,
    scores.max_score, scores.rank
from document_unit as units
inner join document_unit as beside on units.parent_code = beside.parent_code and units.unit_level = beside.unit_level
inner join marts.mart_stage_score as scores on beside.unit_code = scores.unit_code
where getvariable('ranks_public') and units.unit_code <> beside.unit_code
order by units.unit_code, scores.stage_code, scores.rank, beside.unit_code
