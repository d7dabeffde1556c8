with source as (

    select * from {{ reference('unit_change_corrections', 'csv') }}

),

renamed as (

    select
        cast(correction_id as string) as correction_id,
        cast(action as string) as action,
        cast(seen_on as date) as seen_on,
        cast(event as string) as event,
        cast(old_code as string) as old_code,
        cast(old_name as string) as old_name,
        cast(new_code as string) as new_code,
        cast(new_name as string) as new_name,
        cast(set_event as string) as set_event,
        cast(set_old_code as string) as set_old_code,
        cast(set_old_name as string) as set_old_name,
        cast(set_new_code as string) as set_new_code,
        cast(set_new_name as string) as set_new_name,
        cast(reason as string) as reason,
        cast(source as string) as source_text,
        cast(recorded_on as date) as recorded_on
    from source

)

select * from renamed
