with listed as (

    select
        venue_key,
        unit_code,
        period,
        venue_name,
        row_number() over (
            partition by venue_key
            order by period desc, unit_code asc, submission_id asc, row asc
        ) as rank_number
    from {{ ref('fct_venue') }}

),

-- reports repeat a thing every period and may spell it differently: the newest one names it
latest as (

    select * from listed
    where rank_number = 1

),

spans as (

    select
        venue_key,
        min(period) as first_period,
        max(period) as last_period,
        count(distinct unit_code) as claiming_unit_count
    from listed
    group by venue_key

),

final as (

    select
        latest.venue_key,
        latest.unit_code,
        latest.venue_name,
        spans.first_period,
        spans.last_period,
        spans.claiming_unit_count
    from latest
    inner join spans on latest.venue_key = spans.venue_key

)

select * from final
