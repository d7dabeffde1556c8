-- 街道排名前十是谁？名次稳不稳？
-- Who leads the streets, and how sure is the rank?
-- Rank among the streets of one class. From and to: the ranks if the weight of one group of items moved a little.
select
    level_rank,
    unit_name,
    street_class,
    round(score / 1000.0, 1) as score,
    band_zh,
    rank as rank_in_class,
    rank_low as from_rank,
    rank_high as to_rank,
    quota_met_count as quotas_met
from marts.mart_stage_score
where stage_code = 'S1' and unit_level = 'street' and level_rank <= 10
order by level_rank, unit_code
